"""What pip says in a guarded environment that it cannot be routed out of (PEP 668).

Pure.
"""

from __future__ import annotations

# What pip says beside EXTERNALLY-MANAGED, `Error-<language>` where the locale asks (PEP 668).
MARKER: dict[str, str] = {
    "Error": """This conda environment is guarded by pipguard.

Activate the environment and type `pip install NAME`, or without activation
    pipguard pip -p {prefix} install NAME
Both install from conda what conda has, and everything else so that conda knows of it.

For plain pip this once, in the activated environment: PIPGUARD_BYPASS=1 pip install NAME""",
    "Error-de": """Diese conda-Umgebung steht unter dem Schutz von pipguard.

Umgebung aktivieren und `pip install NAME` eingeben, oder ohne Aktivierung
    pipguard pip -p {prefix} install NAME
Beides installiert aus conda, was conda hat, und alles andere so, dass conda davon weiß.

Einmalig reines pip, in der aktivierten Umgebung: PIPGUARD_BYPASS=1 pip install NAME""",
    "Error-fr": """Cet environnement conda est protégé par pipguard.

Activez l'environnement et tapez `pip install NOM`, ou sans activation
    pipguard pip -p {prefix} install NOM
Les deux installent depuis conda ce que conda propose, et le reste de façon que conda le sache.

Pour pip seul, une fois, dans l'environnement activé : PIPGUARD_BYPASS=1 pip install NOM""",
    "Error-es": """Este entorno de conda está protegido por pipguard.

Active el entorno y escriba `pip install NOMBRE`, o sin activarlo
    pipguard pip -p {prefix} install NOMBRE
Ambos instalan desde conda lo que conda tiene, y lo demás de modo que conda lo sepa.

Para usar solo pip, una vez, en el entorno activado: PIPGUARD_BYPASS=1 pip install NOMBRE""",
}
