with

evaluated_bands as (

    select * from {{ ref('evaluated_bands') }}

),

band_contacts as (

    select * from {{ ref('band_contacts') }}

),

sums as (

    select
        evaluated_bands.band_number,
        evaluated_bands.panel,
        evaluated_bands.outcome,
        evaluated_bands.score_name,
        evaluated_bands.band,
        coalesce(sum(band_contacts.panel_rows), 0) as panel_rows,
        sum(case when band_contacts.panel_rows > 0 then 1 else 0 end) as contacts,
        sum(case when band_contacts.outcomes > 0 then 1 else 0 end) as contacts_with_outcome,
        sum(case when band_contacts.outcomes < band_contacts.panel_rows then 1 else 0 end) as contacts_without_outcome,
        coalesce(sum(band_contacts.outcomes), 0) as outcomes,
        cast(sum(band_contacts.outcomes) as {{ type_double() }}) / nullif(sum(band_contacts.panel_rows), 0) as rate,
        cast(sum(band_contacts.recent_outcomes) as {{ type_double() }}) / nullif(sum(band_contacts.recent_rows), 0)
            as rate_last_quarter,
        sum(band_contacts.expected) as expected,
        cast(sum(band_contacts.outcomes) as {{ type_double() }}) / nullif(sum(band_contacts.expected), 0) as lift,
        coalesce(
            least(sum(band_contacts.has_outcome), sum(1 - band_contacts.has_outcome)) >= {{ fewest_contacts() }}, false
        ) as has_figures
    from evaluated_bands
    left join band_contacts
        on evaluated_bands.band_number = band_contacts.band_number
    group by
        evaluated_bands.band_number, evaluated_bands.panel, evaluated_bands.outcome, evaluated_bands.score_name,
        evaluated_bands.band

),

-- how uncertain a rate and a lift are, given that the rows of one contact are alike
errors as (

    select
        sums.band_number,
        sum(
            (band_contacts.outcomes - sums.rate * band_contacts.panel_rows)
            * (band_contacts.outcomes - sums.rate * band_contacts.panel_rows)
        ) as squares_of_rate,
        sum(
            (band_contacts.outcomes - sums.lift * band_contacts.influence)
            * (band_contacts.outcomes - sums.lift * band_contacts.influence)
        ) as squares_of_lift
    from sums
    inner join band_contacts
        on sums.band_number = band_contacts.band_number
    group by sums.band_number

),

-- as many independent rows as would leave the rate as uncertain as it is; one contact with, or without, the outcome
-- cannot tell how alike its rows are, so they are not more than the contacts then
effective as (

    select
        sums.*,
        case
            when sums.contacts = 0 then null
            when sums.contacts = 1 or errors.squares_of_rate = 0 then least(sums.panel_rows, sums.contacts)
            else least(
                case
                    when least(sums.contacts_with_outcome, sums.contacts_without_outcome) = 1 then sums.contacts
                    else sums.panel_rows
                end,
                sums.rate * (1 - sums.rate) * sums.panel_rows * sums.panel_rows
                / errors.squares_of_rate * (sums.contacts - 1) / sums.contacts
            )
        end as effective_rows,
        sqrt(errors.squares_of_lift) / nullif(sums.expected, 0) as lift_se,
        sum(sums.outcomes) over (partition by sums.panel, sums.outcome, sums.score_name) as all_outcomes
    from sums
    left join errors
        on sums.band_number = errors.band_number

),

band_figures as (

    select
        panel,
        outcome,
        score_name,
        band,
        cast(panel_rows as bigint) as panel_rows,
        cast(contacts as bigint) as contacts,
        cast(contacts_with_outcome as bigint) as contacts_with_outcome,
        cast(outcomes as bigint) as outcomes,
        case when has_figures then rate end as rate,
        case when has_figures then {{ wilson_bound('rate', 'effective_rows', '-') }} end as rate_low,
        case when has_figures then {{ wilson_bound('rate', 'effective_rows', '+') }} end as rate_high,
        case when has_figures then expected end as expected,
        case when has_figures then lift end as lift,
        case when has_figures then lift_se end as lift_se,
        case when has_figures then cast(outcomes as {{ type_double() }}) / all_outcomes end as share_of_outcomes,
        case when has_figures then rate_last_quarter end as rate_last_quarter
    from effective

)

select * from band_figures
