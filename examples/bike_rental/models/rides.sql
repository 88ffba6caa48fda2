{{
    config(
        materialized='incremental',
        table_type='iceberg',
        incremental_strategy='merge',
        unique_key='ride_id',
        partitioned_by=['ride_date'],
    )
}}

with new_rides as (
    select
        ride_id,
        station_id,
        cast(started_at as timestamp(6)) as started_at,
        date(started_at) as ride_date,
        minutes
    from {{ source('landing', 'landing_rides') }}
)

select
    ride_id,
    station_id,
    started_at,
    minutes,
    ride_date
from new_rides
