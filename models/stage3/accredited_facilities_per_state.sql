{% set key = ['snapshot_date', 'state'] %}

{{
    config(
        s3_data_dir=lake_location('stage3_tables'),
        unique_key=key,
        delete_condition='src.facility_count is null',
        insert_condition='src.facility_count is not null',
    )
}}

with verdicts as (
    {{ facility_verdicts(stage=3, columns=['state', 'is_accredited']) }}
),

states as (
    select
        snapshot_date,
        state,
        count(*) as facility_count,
        count_if(is_accredited) as accredited_facility_count,
        {{ run_ts() }} as run_ts
    from verdicts
    where reject_reason is null
    group by snapshot_date, state
)

{{
    changed_rows(
        'states',
        key,
        compared=['facility_count', 'accredited_facility_count'],
        carried=['run_ts'],
    )
}}
