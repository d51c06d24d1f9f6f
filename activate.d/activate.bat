@REM Placed by `pipguard enable`, removed by `pipguard disable`.
@REM Puts our shims before the folder that has pip, after taking out those of every other activation.
@REM conda takes the folders from the prefix to its `bin` out of PATH as one block: the shims go into
@REM that block, before `Scripts`.
@IF NOT DEFINED CONDA_PREFIX EXIT /B 0
@SETLOCAL DisableDelayedExpansion
@SET "__pipguard_rest=%PATH%"
@SET "__pipguard_path="
@SET "__pipguard_shims=%CONDA_PREFIX%\libexec\pipguard\shims"
:next
@SET "__pipguard_entry="
@FOR /F "tokens=1* delims=;" %%A IN ("%__pipguard_rest%") DO @SET "__pipguard_entry=%%A"
@FOR /F "tokens=1* delims=;" %%A IN ("%__pipguard_rest%") DO @SET "__pipguard_rest=%%B"
@IF NOT DEFINED __pipguard_entry GOTO done
@IF /I "%__pipguard_entry%"=="%CONDA_PREFIX%\Scripts" SET "__pipguard_path=%__pipguard_path%;%__pipguard_shims%"& SET "__pipguard_shims="
@IF /I NOT "%__pipguard_entry:~-23%"=="\libexec\pipguard\shims" SET "__pipguard_path=%__pipguard_path%;%__pipguard_entry%"
@IF DEFINED __pipguard_rest GOTO next
:done
@IF DEFINED __pipguard_shims SET "__pipguard_path=;%__pipguard_shims%%__pipguard_path%"
@ENDLOCAL & SET "PATH=%__pipguard_path:~1%"
@IF NOT EXIST "%CONDA_PREFIX%\conda-meta\pipguard\guard.json" ECHO pipguard: this environment was copied; type: pipguard enable -p "%CONDA_PREFIX%">&2
@EXIT /B 0
