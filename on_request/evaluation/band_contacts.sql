with

banded_rows as (

    select * from {{ ref('banded_rows') }}

),

band_shares as (

    select * from {{ ref('band_shares') }}

),

outcome_as_ofs as (

    select
        *,
        max(as_of_number) over (partition by outcome) as as_ofs
    from {{ ref('outcome_as_ofs') }}

),

-- each row beside each band: rows outside a band count for its lift as well
rows_beside_bands as (

    select
        band_shares.band_number,
        banded_rows.contact,
        banded_rows.y,
        band_shares.rate,
        band_shares.share_of_rows,
        case when coalesce(banded_rows.band, '') = coalesce(band_shares.band, '') then 1 else 0 end as is_inside,
        case
            when outcome_as_ofs.as_of_number > outcome_as_ofs.as_ofs - ceil(outcome_as_ofs.as_ofs / 4.0) then 1
            else 0
        end as is_recent
    from banded_rows
    inner join band_shares
        on
            banded_rows.panel = band_shares.panel
            and banded_rows.outcome = band_shares.outcome
            and banded_rows.score_name = band_shares.score_name
            and banded_rows.past_as_of = band_shares.past_as_of
    inner join outcome_as_ofs
        on
            banded_rows.outcome = outcome_as_ofs.outcome
            and banded_rows.past_as_of = outcome_as_ofs.past_as_of

),

band_contacts as (

    select
        band_number,
        contact,
        max(y) as has_outcome,
        sum(is_inside) as panel_rows,
        sum(is_inside * y) as outcomes,
        sum(is_inside * is_recent) as recent_rows,
        sum(is_inside * is_recent * y) as recent_outcomes,
        sum(is_inside * rate) as expected,
        sum(is_inside * rate + share_of_rows * (y - rate)) as influence
    from rows_beside_bands
    group by band_number, contact

)

select * from band_contacts
