{{ config(enabled=connectors_of('contacts') | length > 0) }}

{{ united('contacts') }}
