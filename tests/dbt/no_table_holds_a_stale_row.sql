with lines as (
    select
        snapshot_date,
        source_file,
        facility_id,
        facility_name,
        state
    from {{ ref('int_judged_lines') }}
    where {{ in_scope('snapshot_date') }}
),

rejects as (
    select distinct
        'stage1_facility_metrics_rejects' as source_table,
        snapshot_date,
        source_file
    from {{ ref('stage1_facility_metrics_rejects') }}
    where {{ in_scope('snapshot_date') }}
    union all
    select distinct
        'accredited_facilities_per_state_rejects' as source_table,
        snapshot_date,
        source_file
    from {{ ref('accredited_facilities_per_state_rejects') }}
    where {{ in_scope('snapshot_date') }}
)

select
    'stage1_facility_metrics' as source_table,
    metrics.snapshot_date,
    metrics.facility_id as stale_row
from {{ ref('stage1_facility_metrics') }} as metrics
left join lines
    on
        metrics.snapshot_date = lines.snapshot_date
        and metrics.facility_id = lines.facility_id
        and metrics.facility_name = lines.facility_name
where
    lines.snapshot_date is null
    and {{ in_scope('metrics.snapshot_date') }}
union all
select
    'accredited_facilities_per_state' as source_table,
    states.snapshot_date,
    states.state as stale_row
from {{ ref('accredited_facilities_per_state') }} as states
left join lines
    on
        states.snapshot_date = lines.snapshot_date
        and states.state = lines.state
where
    lines.snapshot_date is null
    and {{ in_scope('states.snapshot_date') }}
union all
select
    rejects.source_table,
    rejects.snapshot_date,
    rejects.source_file as stale_row
from rejects
left join lines
    on
        rejects.snapshot_date = lines.snapshot_date
        and rejects.source_file = lines.source_file
where lines.snapshot_date is null
