{#- The S3 location of one of the lake's prefixes, with a trailing slash. prefix: its name in dbt_project.yml. -#}
{%- macro lake_location(prefix) -%}
    {{- return('s3://' ~ env_var('DATA_BUCKET') ~ '/' ~ var('prefixes')[prefix] ~ '/') -}}
{%- endmacro -%}
