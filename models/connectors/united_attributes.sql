{{ config(enabled=connectors_of('attributes') | length > 0) }}

{{ united('attributes') }}
