{%- macro run_on_limited_partitions(statement) -%}
    {%- if adapter.run_query_with_partitions_limit_catching(statement) == 'TOO_MANY_OPEN_PARTITIONS' -%}
        {%- do exceptions.raise_compiler_error(too_many_dates(model.name ~ ' has')) -%}
    {%- endif -%}
{%- endmacro -%}
