select
    'P' || n as contact_id,
    'person' || n || '@acme.example' as {{ var('address_column', 'email_address') }},
    'Person ' || n as full_name
from range(1, 4) as people (n)
