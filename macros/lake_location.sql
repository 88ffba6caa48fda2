{%- macro lake_location(prefix) -%}
    {{- return('s3://' ~ env_var('DATA_BUCKET') ~ '/' ~ var('prefixes')[prefix] ~ '/') -}}
{%- endmacro -%}
