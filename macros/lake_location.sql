{#- The S3 location of one of the lake's prefixes, by its name in dbt_project.yml, with a slash at its end. -#}
{%- macro lake_location(prefix) -%}
    {{- return('s3://' ~ env_var('DATA_BUCKET') ~ '/' ~ var('prefixes')[prefix] ~ '/') -}}
{%- endmacro -%}
