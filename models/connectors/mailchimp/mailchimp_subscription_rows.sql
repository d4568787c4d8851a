{{ config(enabled=is_connected('mailchimp')) }}
{%- set member = source_table('mailchimp', 'member', ['id', 'email_address']) %}
{%- set unsubscribe = source_table('mailchimp', 'unsubscribe') %}

with

unsubscribes as (

    select
        {{ raw_text(unsubscribe, 'list_id') }} as list_id,
        {{ raw_text(unsubscribe, 'member_id') }} as member_id,
        {{ raw_text(unsubscribe, 'campaign_id') }} as campaign_id,
        {{ raw_text(unsubscribe, 'reason') }} as reason,
        {{ raw_timestamp(unsubscribe, 'timestamp') }} as occurred_at
    from {{ unsubscribe.relation }}

),

last_unsubscribes as (

    select
        list_id,
        member_id,
        max(occurred_at) as left_at
    from unsubscribes
    group by list_id, member_id

),

members as (

    select
        {{ raw_text(member, 'list_id') }} as list_id,
        {{ raw_text(member, 'id') }} as member_id,
        {{ raw_text(member, 'status') }} as status,
        coalesce(
            {{ raw_timestamp(member, 'timestamp_opt') }}, {{ raw_timestamp(member, 'timestamp_signup') }}
        ) as joined_at,
        coalesce(
            {{ raw_timestamp(member, 'last_changed') }}, {{ raw_timestamp(member, '_fivetran_synced') }}
        ) as changed_at
    from {{ member.relation }}

),

memberships as (

    select
        members.list_id,
        members.member_id,
        members.status,
        members.joined_at,
        members.changed_at,
        last_unsubscribes.member_id is not null as has_unsubscribed,
        case
            when last_unsubscribes.member_id is not null then last_unsubscribes.left_at
            when members.status = 'unsubscribed' then members.changed_at
        end as left_at
    from members
    left join last_unsubscribes
        on members.list_id = last_unsubscribes.list_id and members.member_id = last_unsubscribes.member_id

),

people as (

    select
        *,
        min(left_at) over (partition by member_id) as first_left_at
    from memberships

),

returns as (

    select
        *,
        case
            when status <> 'subscribed' then null
            when joined_at > coalesce(left_at, first_left_at) then joined_at
            -- not every way back is a new opt-in
            when changed_at > left_at then changed_at
        end as came_back_at
    from people

),

changes as (

    select
        'unsubscribe' as source_table,
        list_id,
        member_id,
        campaign_id,
        case when reason = 'abuse' then 'email_spam_complaint' else 'email_unsubscribe' end as event_type,
        occurred_at,
        occurred_at as told_apart_by
    from unsubscribes

    union all

    select
        'member' as source_table,
        list_id,
        member_id,
        {{ no_text() }} as campaign_id,
        case
            when status = 'cleaned' then 'email_hard_bounce'
            when status = 'unsubscribed' and not has_unsubscribed then 'email_unsubscribe'
            when came_back_at is not null then 'email_resubscribe'
            when status not in ('subscribed', 'unsubscribed', 'pending', 'transactional', 'archived') then status
        end as event_type,
        coalesce(came_back_at, changed_at) as occurred_at,
        -- there is one of a kind, and last_changed moves on with each change of the profile
        cast(null as {{ dbt.type_timestamp() }}) as told_apart_by
    from returns

),

with_ids as (

    select
        *,
        {{ id_of_content(['list_id', 'member_id', 'event_type', 'told_apart_by']) }} as event_id
    from changes

),

-- who leaves one list and is on another at that moment
still_subscribed as (

    select with_ids.event_id
    from with_ids
    inner join people as elsewhere
        on with_ids.member_id = elsewhere.member_id and with_ids.list_id <> elsewhere.list_id
    where
        with_ids.event_type = 'email_unsubscribe'
        and (elsewhere.joined_at is null or elsewhere.joined_at <= with_ids.occurred_at)
        and (
            elsewhere.status = 'subscribed'
            or (elsewhere.status = 'unsubscribed' and elsewhere.left_at > with_ids.occurred_at)
            or (elsewhere.status = 'archived' and elsewhere.changed_at > with_ids.occurred_at)
        )
    group by with_ids.event_id

)

select
    with_ids.source_table,
    with_ids.event_id,
    with_ids.event_type,
    with_ids.occurred_at,
    addresses.email_address,
    with_ids.member_id as contact_id,
    with_ids.occurred_at as received_at,
    {{ no_text() }} as message_id,
    with_ids.campaign_id,
    {{ no_text() }} as link_url,
    {{ no_text() }} as user_agent,
    false as is_machine,
    case
        when with_ids.event_type is null then 'status_without_an_event'
        when still_subscribed.event_id is not null then 'still_on_another_list'
    end as left_out
from with_ids
left join still_subscribed on with_ids.event_id = still_subscribed.event_id
left join {{ ref('mailchimp_addresses') }} as addresses on with_ids.member_id = addresses.member_id
