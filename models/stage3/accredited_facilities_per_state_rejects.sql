{% set key = ['snapshot_date', 'source_file', 'line_hash', 'occurrence'] %}

{{
    config(
        s3_data_dir=lake_location('stage3_tables'),
        unique_key=key,
        delete_condition='src.reject_reason is null',
        insert_condition='src.reject_reason is not null',
    )
}}

with verdicts as (
    {{ facility_verdicts(stage=3) }}
),

rejects as (
    select
        snapshot_date,
        source_file,
        to_hex(sha256(to_utf8(line))) as line_hash,
        row_number() over (
            partition by snapshot_date, source_file, line
            order by reject_reason
        ) as occurrence,
        reject_reason,
        line as raw_line
    from verdicts
    where reject_reason is not null
)

{{ replace_dates('rejects', key) }}
