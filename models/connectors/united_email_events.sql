{{ config(enabled=connectors_of('email_events') | length > 0) }}

{{ united('email_events') }}
