#!/usr/bin/env bash
# Put a Python with numpy for 64-bit Arm into a folder, to be run by qemu's user-mode emulation:
# Debian's python3 with the libraries it needs, and the wheels of numpy, tqdm and wasmtime.
#
#     tests/arm64.sh FOLDER    prints the command that runs it, or why it cannot be had (status 77)
set -euo pipefail
root=$(realpath -m "$1")
skip() {
    echo "$1"
    exit 77
}
command -v qemu-aarch64-static >/dev/null || skip "qemu-aarch64-static is not installed"
command -v apt-get >/dev/null && command -v dpkg >/dev/null || skip "this is not Debian, whose packages are used"

if [ ! -e "$root/done" ]; then
    rm -rf "$root"
    mkdir -p "$root/apt/lists/partial" "$root/apt/archives/partial" "$root/wheels"
    touch "$root/apt/status"
    options=(-oAPT::Architecture=arm64 -oAPT::Architectures=arm64 -oAPT::Sandbox::User=root
        "-oDir::State::Lists=$root/apt/lists" "-oDir::State::status=$root/apt/status"
        "-oDir::Cache::archives=$root/apt/archives" -oDir::Cache::pkgcache= -oDir::Cache::srcpkgcache=)
    {
        apt-get "${options[@]}" -q update &&
            apt-get "${options[@]}" -q -y --no-install-recommends --download-only install \
                python3-minimal libpython3-stdlib libstdc++6 libgcc-s1 zlib1g
    } >&2 || skip "Debian's packages for arm64 cannot be had"
    for package in "$root"/apt/archives/*.deb; do
        dpkg -x "$package" "$root"
    done
    version=$(cd "$root/usr/bin" && echo python3.*[0-9])
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --target "$root/wheels" \
        --only-binary=:all: --python-version "${version#python}" --platform manylinux_2_28_aarch64 \
        --platform manylinux_2_27_aarch64 --platform manylinux2014_aarch64 numpy tqdm wasmtime >&2 ||
        skip "the wheels for arm64 cannot be had"
    rm -rf "$root/apt"
    touch "$root/done"
fi
echo qemu-aarch64-static -L "$root" -E "PYTHONPATH=$root/wheels:$PWD" "$root"/usr/bin/python3.*[0-9]
