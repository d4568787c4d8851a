with

account_standings as (

    select * from {{ ref('account_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

by_window as (

    {% for window_days in named_windows() %}
    select
        score_name,
        account_id,
        account_name,
        {{ window_days }} as window_days,
        contacts,
        active_contacts_{{ window_days }}d as active_contacts,
        disqualified_contacts,
        sales_ready_contacts,
        score_{{ window_days }}d as score,
        top_contact_{{ window_days }}d as top_contact,
        last_engaged_at,
        as_of
    from account_standings
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- accounts without an active contact stand in a ranking of their own, which is not shown
ranked as (

    select
        *,
        rank() over (partition by score_name, window_days, active_contacts > 0 order by score desc) as score_rank
    from by_window

),

account_scores as (

    select
        ranked.score_name,
        ranked.account_id,
        ranked.account_name,
        cast(ranked.window_days as integer) as window_days,
        cast(ranked.contacts as bigint) as contacts,
        cast(ranked.active_contacts as bigint) as active_contacts,
        cast(ranked.disqualified_contacts as bigint) as disqualified_contacts,
        cast(ranked.sales_ready_contacts as bigint) as sales_ready_contacts,
        cast(ranked.score as decimal(18, 2)) as score,
        cast(case when ranked.active_contacts > 0 then ranked.score_rank end as bigint) as score_rank,
        present_contacts.contact_id as top_contact_id,
        ranked.last_engaged_at,
        ranked.as_of
    from ranked
    left join present_contacts
        on ranked.top_contact = present_contacts.contact

)

select * from account_scores
