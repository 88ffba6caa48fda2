{{ config(severity='warn') }}

select
    snapshot_date,
    reported_snapshot_date,
    count(*) as record_count
from {{ ref('stg_facilities') }}
where
    {{ in_scope('snapshot_folder', as_text=true) }}
    and not malformed_json
    and coalesce(reported_snapshot_date <> snapshot_folder, true)
group by snapshot_date, reported_snapshot_date
