{{ config(enabled=connectors_of('web_events') | length > 0) }}

{{ united('web_events') }}
