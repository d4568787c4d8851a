{{ config(enabled=connectors_of('list_memberships') | length > 0) }}

{{ united('list_memberships') }}
