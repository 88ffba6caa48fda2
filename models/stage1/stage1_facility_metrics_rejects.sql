{% set key = ['snapshot_date', 'source_file', 'line_hash', 'occurrence'] %}

{{
    config(
        s3_data_dir=lake_location('stage1_tables'),
        unique_key=key,
        delete_condition='src.reject_reason is null',
        insert_condition='src.reject_reason is not null',
    )
}}

{{ stage_rejects(stage=1, key=key) }}
