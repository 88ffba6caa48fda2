{{ config(severity='warn') }}

select
    snapshot_date,
    reported_snapshot_date,
    count(*) as record_count
from {{ ref('int_judged_lines') }}
where
    {{ in_scope('snapshot_date') }}
    and {{ in_changed_files('source_file') }}
    and stage1_codes <> 'malformed_json'
    and coalesce(reported_snapshot_date <> cast(snapshot_date as varchar), true)
group by snapshot_date, reported_snapshot_date
