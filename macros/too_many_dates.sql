{%- macro too_many_dates(where) -%}
    {{- return(
        where ~ " more than " ~ var('dates_per_statement') ~ " dates, the most partitions that Athena writes at once: "
        ~ "run `medlaunch transform --all` or `medlaunch transform --from D --to D`, which take some dates at a time, "
        ~ "or name fewer snapshot_dates"
    ) -}}
{%- endmacro -%}
