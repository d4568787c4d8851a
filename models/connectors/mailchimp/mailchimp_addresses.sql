{{ config(enabled=is_connected('mailchimp')) }}
{%- set member = source_table('mailchimp', 'member', ['id', 'email_address']) %}

with

members as (

    select
        {{ raw_text(member, 'id') }} as member_id,
        {{ raw_email(member, 'email_address') }} as email_address
    from {{ member.relation }}

)

-- the id is made of the address: on each list both are the same
select
    member_id,
    max(email_address) as email_address
from members
group by member_id
