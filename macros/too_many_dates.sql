{#- What a run over more dates than Athena writes in one statement says. where: the beginning of the sentence. -#}
{%- macro too_many_dates(where) -%}
    {{- return(
        where ~ " more than " ~ var('dates_per_statement') ~ " dates, the most partitions that Athena writes at once: "
        ~ "run `medlaunch transform --all` or `medlaunch transform --from D --to D`, which take some dates at a time, "
        ~ "or fewer snapshot_dates"
    ) -}}
{%- endmacro -%}
