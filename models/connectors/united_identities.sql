{{ config(enabled=connectors_of('identities') | length > 0) }}

{{ united('identities') }}
