{%- macro run_ts() -%}
    {%- set own = run_started_at.strftime('%Y%m%dT%H%M%SZ') ~ '-' ~ invocation_id[:8] -%}
    {%- set name = var('run_ts', none) or own -%}
    {%- if not modules.re.fullmatch('[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}', name) -%}
        {%- do exceptions.raise_compiler_error("run_ts is '" ~ name ~ "': write it as YYYYMMDDTHHMMSSZ-<8 hex digits>") -%}
    {%- endif -%}
    cast('{{ name }}' as varchar)
{%- endmacro -%}
