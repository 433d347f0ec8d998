#!/usr/bin/env bash
# ./build.sh [build|test|demo|docs|package|fuzz|soak|clean]: runs build.ps1 with pwsh, or with the bundled shell, which is built first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
task=${1:-build}
shift || true

if command -v pwsh > /dev/null; then
  exec pwsh -NoProfile -File build.ps1 -Task "$task" "$@"
fi
dotnet build src/Hyper2Kvm.Shell -c Release -v q --nologo -nodeReuse:false -clp:ErrorsOnly 1>&2
exec src/Hyper2Kvm.Shell/bin/Release/net10.0/hyper2kvm -NoProfile -File build.ps1 -Task "$task" "$@"
