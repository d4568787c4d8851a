-- The same steps as the project's, from the same files, as lean as we can write it: it knows that
-- the columns are typed and clean, that a message is an e-mail's, that a redelivered row differs
-- in received_at alone, that a rule has one further condition at most, on the field of its filter, and that
-- nothing but the steps is wanted. What stands in braces is filled in.

create macro as_of() as timestamp '{as_of}';

create temp table rules as
select
    row_number() over () as rule,
    coalesce(score_name, 'engagement') as score_name,
    event_type,
    rules.match_operator,
    rules.match_value,
    conditions.match_operator as further_operator,
    conditions.match_value as further_value,
    coalesce(min_times, 1) as min_times,
    cast(points as decimal(18, 6)) as points,
    counts_repeats,
    max_points,
    expires_after_days,
    half_life_days,
    coalesce(cast(valid_from as timestamp), timestamp '0001-01-01') as valid_from,
    coalesce(cast(valid_to as timestamp), timestamp '9999-12-31') as valid_to,
    -- the points of a rule that neither decays nor is cut need no sums of their own
    max_points is null and half_life_days is null and min_times is null and points = round(points, 2) as is_plain
from read_csv('{config}/scoring_rules.csv', types = {{
    'points': 'decimal(18, 6)', 'min_times': 'bigint', 'counts_repeats': 'boolean', 'max_points': 'decimal(18, 6)',
    'expires_after_days': 'double', 'half_life_days': 'double', 'match_operator': 'varchar', 'match_value': 'varchar',
    'valid_from': 'varchar', 'valid_to': 'varchar', 'score_name': 'varchar'
}}) as rules
left join read_csv('{config}/scoring_rule_conditions.csv', all_varchar = true) as conditions using (rule_id);

create temp table disqualification_rules as
select * from read_csv('{config}/disqualification_rules.csv', types = {{'cleared_by': 'varchar'}});

create temp table machine_agents as
select user_agent
from (
    select distinct user_agent from '{raw}/email_events/*.parquet'
    union
    select distinct user_agent from '{raw}/web_events/*.parquet'
)
where exists (
    select 1 from read_csv('{config}/machine_user_agents.csv')
    where contains(lower(user_agent), lower(pattern))
);

-- what people do with messages: over all time, because an old open makes a new one a repeat
create temp table handled as
select
    event_id,
    event_type,
    email_address,
    message_id,
    link_url,
    occurred_at,
    received_at,
    is_machine or user_agent in (from machine_agents) as is_machine
from '{raw}/email_events/*.parquet'
where event_type = 'email_click' or event_type in (select event_type from rules);

create temp table burst_clicks as
with clicks as (
    select email_address, message_id, link_url, event_id, occurred_at from handled
    where event_type = 'email_click'
),
candidates as (
    select clicks.*
    from clicks
    semi join (
        select email_address, message_id from clicks
        group by all
        having count(distinct link_url) >= 3
    ) using (email_address, message_id)
),
bursts as (
    select starts.email_address, starts.message_id, starts.occurred_at as starts_at
    from candidates as starts
    inner join candidates as inside
        on starts.email_address = inside.email_address and starts.message_id = inside.message_id
        and inside.occurred_at between starts.occurred_at and starts.occurred_at + interval 10 seconds
    group by all
    having count(distinct inside.link_url) >= 3
)
select distinct event_id
from candidates
inner join bursts
    on candidates.email_address = bursts.email_address and candidates.message_id = bursts.message_id
    and candidates.occurred_at between starts_at and starts_at + interval 10 seconds;

create temp table fast_clicks as
with clicks as (
    select event_id, email_address, message_id, occurred_at from handled
    where event_type = 'email_click'
),
first_deliveries as (
    select email_address, message_id, min(deliveries.occurred_at) as delivered_at
    from '{raw}/email_events/*.parquet' as deliveries
    semi join clicks using (email_address, message_id)
    where event_type = 'email_delivered'
    group by email_address, message_id
)
select distinct event_id
from clicks
inner join first_deliveries using (email_address, message_id)
where occurred_at between delivered_at and delivered_at + interval 5 seconds;

create temp view machine_clicks as
select event_id from burst_clicks
union all
select event_id from fast_clicks;

create temp view human as
select * exclude (is_machine) from handled
where not is_machine and (event_type <> 'email_click' or event_id not in (from machine_clicks));

-- contacts, the last of their chain of merges, and whether they are there
create temp table contacts as
with recursive chains as (
    select merged.contact_id, merged.merged_into_contact_id as reached
    from '{raw}/contacts.parquet' as merged
    semi join '{raw}/contacts.parquet' as targets on merged.merged_into_contact_id = targets.contact_id
    union
    select chains.contact_id, onward.merged_into_contact_id
    from chains
    inner join '{raw}/contacts.parquet' as onward on chains.reached = onward.contact_id
    semi join '{raw}/contacts.parquet' as targets on onward.merged_into_contact_id = targets.contact_id
),
ends as (
    select contact_id, reached from chains
    where reached not in (select contact_id from chains)
),
rows_of as (
    select contact_id, email_address, updated_at, deleted_at, row_number() over () as contact
    from '{raw}/contacts.parquet'
)
select
    rows_of.contact_id,
    rows_of.email_address,
    rows_of.updated_at,
    coalesce(survivor.contact, rows_of.contact) as contact,
    ends.reached is null as is_survivor,
    case when ends.reached is null then rows_of.deleted_at else survivor.deleted_at end is not null as is_erased
from rows_of
left join ends using (contact_id)
left join rows_of as survivor on ends.reached = survivor.contact_id;

create temp table address_owners as
select
    coalesce(held.email_address, linked.email_address) as email_address,
    coalesce(held.owner, linked.owner) as owner
from (
    -- of several the newest, of a tie the smallest id
    select email_address, min_by(contact_id, (is_erased, -epoch_us(updated_at), contact_id)) as owner
    from contacts
    group by email_address
) as held
full join (
    select identity_value as email_address, min_by(contact_id, (-epoch_us(linked_at), contact_id)) as owner
    from '{raw}/identities.parquet'
    where identity_type = 'email' and linked_at < as_of()
    group by identity_value
) as linked using (email_address);

create temp table consenting as
select visitor_id from '{raw}/consents.parquet'
where decided_at < as_of()
group by visitor_id
-- a refusal wins a tie
having max_by(is_granted, (decided_at, not is_granted));

create temp table visitor_owners as
with references_made as (
    select visitor_id, occurred_at, email_click_event_id, email_address
    from '{raw}/web_events/*.parquet'
    where
        (email_click_event_id is not null or email_address is not null)
        and occurred_at < as_of()
        and user_agent not in (from machine_agents)
),
links as (
    select identity_value as visitor_id, contact_id, linked_at
    from '{raw}/identities.parquet'
    semi join contacts using (contact_id)
    where identity_type = 'visitor' and linked_at < as_of()
    union all
    select visitor_id, owner, occurred_at
    from references_made
    inner join address_owners using (email_address)
    union all
    select visitor_id, owner, references_made.occurred_at
    from references_made
    inner join human on email_click_event_id = event_id and event_type = 'email_click'
    inner join address_owners on human.email_address = address_owners.email_address
)
select visitor_id, min_by(contact_id, (-epoch_us(linked_at), contact_id)) as owner
from links
semi join consenting using (visitor_id)
group by visitor_id;

create temp table actors as
select actor, contact
from (
    select email_address as actor, owner from address_owners
    union all
    select visitor_id, owner from visitor_owners
    union all
    select contact_id, contact_id from contacts
) as owned
inner join contacts on owner = contact_id
where not is_erased;

create temp table disqualified as
with against as (
    -- however often one message is refused, it is one refusal
    select event_type, email_address, coalesce(message_id, event_id) as message, occurred_at
    from '{raw}/email_events/*.parquet'
    where event_type in (select event_type from disqualification_rules) and occurred_at < as_of()
),
counted as (
    select
        survivors.contact,
        disqualification_rules.event_type,
        min_occurrences,
        applies_to,
        cleared_by,
        against.email_address,
        message,
        occurred_at
    from against
    inner join disqualification_rules using (event_type)
    inner join actors on actor = against.email_address
    inner join (from contacts where is_survivor) as survivors on actors.contact = survivors.contact
    where applies_to = 'contact' or survivors.email_address = against.email_address
),
clearing as (
    select event_type, email_address, occurred_at
    from '{raw}/email_events/*.parquet'
    where
        event_type in (select unnest(string_split(cleared_by, ' ')) from disqualification_rules)
        and occurred_at < as_of()
        and not is_machine
        and user_agent not in (from machine_agents)
        and (event_type <> 'email_click' or event_id not in (from machine_clicks))
        -- most of all messages are delivered, and few go where there is something to clear
        and email_address in (
            select actor from actors
            where contact in (select contact from counted where cleared_by is not null)
        )
),
cleared as (
    select contact, clearing.event_type, clearing.email_address, max(occurred_at) as cleared_at
    from clearing
    inner join actors on actor = email_address
    group by all
),
last_clears as (
    select counted.contact, counted.event_type, max(cleared_at) as cleared_at
    from (select distinct contact, event_type, applies_to, cleared_by, email_address from counted) as counted
    inner join cleared
        on counted.contact = cleared.contact and list_contains(string_split(counted.cleared_by, ' '), cleared.event_type)
        and (applies_to = 'contact' or counted.email_address = cleared.email_address)
    group by all
)
select distinct contact
from (
    select contact, event_type
    from counted
    left join last_clears using (contact, event_type)
    where cleared_at is null or occurred_at >= cleared_at
    group by contact, event_type
    having count(distinct (email_address, message)) >= any_value(min_occurrences)
);

create temp table earned as
with engagements as (
    -- the first of its kind is the first of its id, too
    select
        email_address as actor,
        event_type,
        link_url as content,
        min_by(occurred_at, (received_at, event_id)) as occurred_at,
        false as is_any
    from human
    where event_type in (select event_type from rules where not counts_repeats)
    group by email_address, event_type, message_id, link_url
    having min_by(occurred_at, (received_at, event_id)) >= as_of() - interval 90 days

    union all

    select any_value(email_address), any_value(event_type), any_value(link_url), any_value(occurred_at), true
    from human
    where
        event_type in (select event_type from rules where counts_repeats)
        and occurred_at >= as_of() - interval 90 days
    group by event_id

    union all

    -- what somebody typed an address into is that address's, where it is anybody's
    select
        any_value(case
            when owner is null then web_events.visitor_id
            when consenting.visitor_id is not null then web_events.email_address
        end),
        any_value(event_type),
        any_value(page_url),
        any_value(occurred_at),
        null
    from '{raw}/web_events/*.parquet' as web_events
    left join address_owners using (email_address)
    left join consenting using (visitor_id)
    where
        event_type in (select event_type from rules)
        and occurred_at >= as_of() - interval 90 days
        and user_agent not in (from machine_agents)
    group by event_id

    union all

    select any_value(contact_id), any_value(event_type), any_value(detail), any_value(occurred_at), null
    from '{raw}/activities/*.parquet'
    where event_type in (select event_type from rules) and occurred_at >= as_of() - interval 90 days
    group by event_id
),
counted as (
    select
        contact,
        rule,
        -- how many periods of 12 h old
        cast((epoch_us(as_of()) - 1 - epoch_us(occurred_at)) // 43200000000 + 1 as smallint) as age,
        count(*) as times
    from engagements
    inner join actors using (actor)
    inner join rules
        on engagements.event_type = rules.event_type
        and coalesce(is_any = counts_repeats, true)
        and occurred_at >= valid_from and occurred_at < valid_to
        and case match_operator
            when 'equals' then content = match_value
            when 'starts_with' then starts_with(content, match_value)
            when 'contains' then contains(content, match_value)
            else true
        end
        and case further_operator
            when 'contains' then contains(content, further_value)
            when 'not_contains' then not coalesce(contains(content, further_value), false)
            else further_operator is null
        end
    where occurred_at < as_of() and contact not in (from disqualified)
    group by contact, rule, age
)
select
    contact,
    rule,
    cast((age + 1) // 2 as smallint) as from_window,
    cast(sum(times) as bigint) as times,
    cast(sum(times * cast(
        case
            when half_life_days is null then points
            else round(cast(points * power(0.5, age / 2.0 / half_life_days) as decimal(38, 12)), 6)
        end as decimal(18, 6)
    )) as decimal(18, 6)) as points
from counted
inner join rules using (rule)
where coalesce(age / 2.0 <= expires_after_days, true)
group by contact, rule, from_window;

create table {steps} as
with summed as (
    select
        contact,
        rule,
        from_window,
        sum(times) over (partition by contact, rule order by from_window) as times,
        sum(points) over (partition by contact, rule order by from_window) as points
    from earned
    semi join (select rule from rules where not is_plain) as bent using (rule)
),
cut as (
    select
        contact,
        score_name,
        rule,
        from_window,
        case when times >= min_times then times else 0 end as times,
        case when times >= min_times then 1 else 0 end * round(
            greatest(
                least(summed.points, coalesce(max_points, summed.points)),
                coalesce(-max_points, summed.points)
            ),
            2
        ) as points
    from summed
    inner join rules using (rule)
),
changes as (
    select
        contact,
        score_name,
        from_window,
        times - lag(times, 1, 0) over (partition by contact, rule order by from_window) as times,
        points - lag(points, 1, 0) over (partition by contact, rule order by from_window) as points
    from cut

    union all

    select contact, score_name, from_window, times, earned.points
    from earned
    inner join rules using (rule)
    where is_plain
),
by_window as (
    select score_name, contact, from_window, sum(points) as points, sum(times) as times
    from changes
    -- until a rule has its number, it has no step
    where times <> 0
    group by all
),
steps as (
    select
        score_name,
        contact,
        from_window,
        lead(from_window - 1, 1, 90) over contact_windows as to_window,
        cast(sum(points) over contact_windows as decimal(18, 2)) as score,
        cast(sum(times) over contact_windows as bigint) as times_earned
    from by_window
    window contact_windows as (partition by score_name, contact order by from_window)
)
select
    score_name,
    contact_id,
    cast(from_window as integer) as from_window,
    cast(to_window as integer) as to_window,
    score,
    times_earned
from steps
inner join contacts using (contact)
where is_survivor;
