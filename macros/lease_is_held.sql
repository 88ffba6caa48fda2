{#- A predicate that holds while the run of the var lease_holder holds the lake's lease, as the lease object itself says
    when the statement runs; otherwise the statement fails by a division by zero. So a run that another has taken over
    from writes nothing, however late its statement starts. Without the var (a plain `dbt build`) it always holds. -#}
{%- macro lease_is_held() -%}
    {%- set holder = var('lease_holder') -%}
    {%- if not holder -%}
        true
    {%- else -%}
        {%- if not modules.re.fullmatch('[0-9a-f]{32}', holder) -%}
            {%- do exceptions.raise_compiler_error("lease_holder is '" ~ holder ~ "': it takes a run's id, 32 hex digits") -%}
        {%- endif -%}
        (
            select 1 / count(*)
            from {{ source('pipeline_state', 'lease') }}
            where json_extract_scalar(try(json_parse(content)), '$.holder.id') = '{{ holder }}'
        ) = 1
    {%- endif -%}
{%- endmacro -%}
