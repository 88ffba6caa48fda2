{#- If another run holds the lease, the statement fails with a division by zero. A run that has lost its lease therefore
    writes nothing, even if its statement starts late. -#}
{%- macro lease_is_held() -%}
    {%- set holder = var('lease_holder') -%}
    {%- if not holder -%}
        true
    {%- else -%}
        {%- if not modules.re.fullmatch('[0-9a-f]{32}', holder) -%}
            {%- do exceptions.raise_compiler_error("lease_holder is '" ~ holder ~ "': it must be a run's id, 32 hex digits") -%}
        {%- endif -%}
        (
            select 1 / count(*)
            from {{ source('pipeline_state', 'lease') }}
            where json_extract_scalar(try(json_parse(content)), '$.holder.id') = '{{ holder }}'
        ) = 1
    {%- endif -%}
{%- endmacro -%}
