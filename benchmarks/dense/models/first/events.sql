with

email_events as (

    select
        event_id,
        contact_id,
        occurred_at,
        received_at
    from read_parquet('{{ var("raw_files") }}/email_events/*.parquet') as events
    inner join read_parquet('{{ var("raw_files") }}/contacts.parquet') as contacts
        on events.email_address = contacts.email_address
    where event_type in ('email_open', 'email_click') and not is_machine

),

web_events as (

    select
        event_id,
        contact_id,
        occurred_at,
        received_at
    from read_parquet('{{ var("raw_files") }}/web_events/*.parquet') as events
    inner join read_parquet('{{ var("raw_files") }}/identities.parquet') as identities
        on events.visitor_id = identities.identity_value
    where event_type = 'page_view'

),

united as (

    select * from email_events
    union all
    select * from web_events

)

select
    event_id,
    contact_id,
    occurred_at,
    1 as points
from united
where
    occurred_at >= timestamp '{{ env_var("DENSE_AS_OF") }}' - interval 90 days
    and occurred_at < timestamp '{{ env_var("DENSE_AS_OF") }}'
qualify row_number() over (partition by event_id order by received_at) = 1
