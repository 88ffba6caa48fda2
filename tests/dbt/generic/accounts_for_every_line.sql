{%- test accounts_for_every_line(model, lines_used, rejects) -%}
with lines as (
    select
        snapshot_date,
        count(*) as line_count
    from {{ ref('int_judged_lines') }}
    where {{ in_scope('snapshot_date') }}
    group by snapshot_date
),

used as (
    select
        snapshot_date,
        {{ lines_used }} as line_count
    from {{ model }}
    group by snapshot_date
),

rejected as (
    select
        snapshot_date,
        count(*) as line_count
    from {{ rejects }}
    where {{ in_scope('snapshot_date') }}
    group by snapshot_date
)

select
    coalesce(lines.snapshot_date, used.snapshot_date, rejected.snapshot_date) as snapshot_date,
    lines.line_count as lines_judged,
    used.line_count as lines_used,
    rejected.line_count as lines_rejected
from lines
full outer join used
    on lines.snapshot_date = used.snapshot_date
full outer join rejected
    on coalesce(lines.snapshot_date, used.snapshot_date) = rejected.snapshot_date
where
    coalesce(lines.line_count, 0)
    <> coalesce(used.line_count, 0) + coalesce(rejected.line_count, 0)
{%- endtest -%}
