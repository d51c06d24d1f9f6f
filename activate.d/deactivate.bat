@REM Placed by `pipguard enable`, removed by `pipguard disable`.
@REM Takes every shim folder out of PATH, whichever environment it is of.
@SETLOCAL DisableDelayedExpansion
@SET "__pipguard_rest=%PATH%"
@SET "__pipguard_path="
:next
@SET "__pipguard_entry="
@FOR /F "tokens=1* delims=;" %%A IN ("%__pipguard_rest%") DO @SET "__pipguard_entry=%%A"
@FOR /F "tokens=1* delims=;" %%A IN ("%__pipguard_rest%") DO @SET "__pipguard_rest=%%B"
@IF NOT DEFINED __pipguard_entry GOTO done
@IF /I NOT "%__pipguard_entry:~-23%"=="\libexec\pipguard\shims" SET "__pipguard_path=%__pipguard_path%;%__pipguard_entry%"
@IF DEFINED __pipguard_rest GOTO next
:done
@IF NOT DEFINED __pipguard_path EXIT /B 0
@ENDLOCAL & SET "PATH=%__pipguard_path:~1%"
@EXIT /B 0
