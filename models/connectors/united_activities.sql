{{ config(enabled=connectors_of('activities') | length > 0) }}

{{ united('activities') }}
