{#- Runs a statement that writes. If it writes more partitions than Athena can, fails with a one-line error that says what to
    do instead. -#}
{%- macro run_on_limited_partitions(statement) -%}
    {%- if adapter.run_query_with_partitions_limit_catching(statement) == 'TOO_MANY_OPEN_PARTITIONS' -%}
        {%- do exceptions.raise_compiler_error(too_many_dates(model.name ~ ' has')) -%}
    {%- endif -%}
{%- endmacro -%}
