{{ config(enabled=connectors_of('consents') | length > 0) }}

{{ united('consents') }}
