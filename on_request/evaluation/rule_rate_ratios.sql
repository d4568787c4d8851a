-- Mantel and Haenszel's ratio of rates, with the as-ofs as strata: exposed are the rows in which the rule earned
with

rule_rows as (

    select * from {{ ref('rule_rows') }}

),

as_ofs as (

    select
        ranking_number,
        list_number,
        rule_number,
        cast(count(*) as {{ type_double() }}) as panel_rows,
        cast(sum(is_exposed) as {{ type_double() }}) as exposed_rows,
        cast(sum(1 - is_exposed) as {{ type_double() }}) as other_rows,
        cast(sum(is_exposed * y) as {{ type_double() }}) as exposed_outcomes,
        cast(sum((1 - is_exposed) * y) as {{ type_double() }}) as other_outcomes,
        cast(sum(size) as {{ type_double() }}) as size
    from rule_rows
    group by ranking_number, list_number, rule_number

),

ratios as (

    select
        ranking_number,
        rule_number,
        sum(exposed_outcomes * other_rows / panel_rows) as of_exposed,
        sum(other_outcomes * exposed_rows / panel_rows) as of_others,
        sum(exposed_rows) as coverage,
        sum(size) as size
    from as_ofs
    group by ranking_number, rule_number

),

with_ratio as (

    select
        *,
        case when of_exposed > 0 and of_others > 0 then of_exposed / of_others end as rate_ratio
    from ratios

),

-- the rate of the others that fits the ratio
expected as (

    select
        as_ofs.*,
        with_ratio.rate_ratio,
        (as_ofs.exposed_outcomes + as_ofs.other_outcomes)
        / (with_ratio.rate_ratio * as_ofs.exposed_rows + as_ofs.other_rows) as other_rate
    from as_ofs
    inner join with_ratio
        on as_ofs.ranking_number = with_ratio.ranking_number and as_ofs.rule_number = with_ratio.rule_number

),

deviations as (

    select
        rule_rows.ranking_number,
        rule_rows.rule_number,
        rule_rows.contact,
        max(rule_rows.is_exposed * rule_rows.y) as is_exposed_with_outcome,
        sum(
            case
                when rule_rows.is_exposed = 1
                    then expected.other_rows * (rule_rows.y - expected.rate_ratio * expected.other_rate)
                else -expected.rate_ratio * expected.exposed_rows * (rule_rows.y - expected.other_rate)
            end / expected.panel_rows
        ) as deviation
    from rule_rows
    inner join expected
        on
            rule_rows.list_number = expected.list_number
            and rule_rows.rule_number = expected.rule_number
    group by rule_rows.ranking_number, rule_rows.rule_number, rule_rows.contact

),

errors as (

    select
        ranking_number,
        rule_number,
        sum(is_exposed_with_outcome) as exposed_contacts_with_outcome,
        sqrt(sum(deviation * deviation)) as error
    from deviations
    group by ranking_number, rule_number

),

rule_rate_ratios as (

    select
        with_ratio.ranking_number,
        with_ratio.rule_number,
        with_ratio.coverage,
        with_ratio.size,
        errors.exposed_contacts_with_outcome,
        with_ratio.rate_ratio,
        errors.error / nullif(with_ratio.of_exposed, 0) as log_error
    from with_ratio
    inner join errors
        on with_ratio.ranking_number = errors.ranking_number and with_ratio.rule_number = errors.rule_number

)

select * from rule_rate_ratios
