{%- macro refuse_remote_endpoint() -%}
    {%- if execute and target.name == 'local' -%}
        {%- for name in ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_ATHENA'] -%}
            {%- set url = env_var(name, '') -%}
            {%- if not modules.re.match('https?://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?(/|$)', url) -%}
                {%- do exceptions.raise_compiler_error(
                    "target local works on this machine alone, but " ~ name ~ " is '" ~ url
                    ~ "': run inside `medlaunch local -- COMMAND`, or choose target dev or prod"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
