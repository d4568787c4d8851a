{{ config(enabled=is_connected('mailchimp')) }}
{%- set member = source_table('mailchimp', 'member', ['id', 'email_address']) %}
{%- set segment_member = source_table('mailchimp', 'segment_member') %}

with

deleted_lists as (

    {% for name in ['list', 'segment'] %}
    {%- set list = source_table('mailchimp', name) %}
    select
        {{ raw_text(list, 'id') }} as list_id,
        coalesce({{ raw_timestamp(list, '_fivetran_synced') }}, {{ as_of() }}) as deleted_at
    from {{ list.relation }}
    where {{ raw_boolean(list, '_fivetran_deleted') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

members as (

    select
        'member' as source_table,
        {{ raw_text(member, 'list_id') }} as list_id,
        {{ raw_text(member, 'id') }} as contact_id,
        coalesce(
            {{ raw_timestamp(member, 'timestamp_opt') }}, {{ raw_timestamp(member, 'timestamp_signup') }}
        ) as added_at,
        case
            when {{ raw_text(member, 'status') }} <> 'subscribed' then coalesce(
                {{ raw_timestamp(member, 'last_changed') }},
                {{ raw_timestamp(member, '_fivetran_synced') }},
                {{ as_of() }}
            )
        end as left_at
    from {{ member.relation }}

    union all

    select
        'segment_member' as source_table,
        {{ raw_text(segment_member, 'segment_id') }} as list_id,
        {{ raw_text(segment_member, 'member_id') }} as contact_id,
        cast(null as {{ dbt.type_timestamp() }}) as added_at,
        case
            when {{ raw_boolean(segment_member, '_fivetran_deleted') }}
                then coalesce({{ raw_timestamp(segment_member, '_fivetran_synced') }}, {{ as_of() }})
        end as left_at
    from {{ segment_member.relation }}

)

select
    members.source_table,
    members.list_id,
    members.contact_id,
    members.added_at,
    coalesce(members.left_at, deleted_lists.deleted_at) as removed_at
from members
left join deleted_lists on members.list_id = deleted_lists.list_id
