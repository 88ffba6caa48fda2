{%- test reject_ratio(model, lines_used, rejects) -%}
with used as (
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
    rejected.snapshot_date,
    rejected.line_count as lines_rejected,
    coalesce(used.line_count, 0) as lines_used
from rejected
left join used
    on rejected.snapshot_date = used.snapshot_date
where
    rejected.line_count
    > (rejected.line_count + coalesce(used.line_count, 0)) * {{ var('max_reject_ratio') }}
{%- endtest -%}
