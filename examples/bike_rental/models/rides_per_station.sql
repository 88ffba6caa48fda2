with rides as (
    select
        station_id,
        minutes
    from {{ ref('rides') }}
)

select
    stations.station_name,
    count(rides.minutes) as rides,
    coalesce(sum(rides.minutes), 0) as minutes
from {{ ref('stations') }} as stations
left join rides on stations.station_id = rides.station_id
group by stations.station_name
