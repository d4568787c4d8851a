with

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

score_names as (

    select distinct score_name from {{ ref('stg_scoring_rules') }}

),

scores_by_window as (

    select * from {{ ref('scores_by_window') }}

),

last_engagements as (

    select
        score_name,
        contact_id,
        max(last_earned_at) as last_engaged_at
    from {{ ref('driver_steps') }}
    group by score_name, contact_id

),

disqualified as (

    select distinct contact_id from {{ ref('disqualifications') }}

),

bands as (

    select
        *,
        lead(min_score) over (partition by score_name order by min_score) as next_min_score
    from {{ ref('stg_score_bands') }}

),

with_status as (

    select
        score_names.score_name,
        present_contacts.contact_id,
        last_engagements.last_engaged_at,
        case
            when disqualified.contact_id is not null then 'disqualified'
            when last_engagements.contact_id is not null then 'active'
            else 'inactive'
        end as status
    from present_contacts
    cross join score_names
    left join last_engagements
        on
            present_contacts.contact_id = last_engagements.contact_id
            and score_names.score_name = last_engagements.score_name
    left join disqualified
        on present_contacts.contact_id = disqualified.contact_id

),

-- a disqualified contact scores nothing
active_scores as (

    select scores_by_window.*
    from scores_by_window
    left join disqualified
        on scores_by_window.contact_id = disqualified.contact_id
    where disqualified.contact_id is null

),

with_scores as (

    select
        with_status.*,
        {% for window_days in named_windows() %}
        coalesce(active_scores.score_{{ window_days }}d, 0) as score_{{ window_days }}d,
        {% endfor %}
        coalesce(active_scores.band_score, 0) as band_score
    from with_status
    left join active_scores
        on
            with_status.contact_id = active_scores.contact_id
            and with_status.score_name = active_scores.score_name

),

with_bands as (

    select
        with_scores.*,
        bands.band,
        coalesce(bands.is_sales_ready, false) as is_sales_ready
    from with_scores
    left join bands
        on
            with_scores.status <> 'disqualified'
            and with_scores.score_name = bands.score_name
            and with_scores.band_score >= bands.min_score
            and (bands.next_min_score is null or with_scores.band_score < bands.next_min_score)

)

select * from with_bands
