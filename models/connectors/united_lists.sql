{{ config(enabled=connectors_of('lists') | length > 0) }}

{{ united('lists') }}
