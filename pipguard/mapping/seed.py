"""The built-in seed: facts about names, written by hand.

Data and nothing else. A wrong or missing name is put right here; a change needs a word on where
it was seen. `names.py` says what the parts mean.
"""

from __future__ import annotations

from pipguard.names import CondaName, Family, Proposal, PyPIName, Seed

# A PyPI name to conda names, best first; what follows a conda name is a version spec it implies.
# The first lines of a group are bindings whose plain conda name is the C library or the tool.
_RENAMES: dict[str, str | tuple[str, ...]] = {
    "blis": "cython-blis",
    "blosc": "python-blosc",
    "box2d": "pybox2d",
    "brotli": "brotli-python",
    "cdo": "python-cdo",
    "cityhash": "python-cityhash",
    "couchdb": "couchdb-python",
    "docker": "docker-py",
    "eccodes": "python-eccodes",
    "flatbuffers": "python-flatbuffers",
    "ghostscript": "python-ghostscript",
    "glfw": "pyglfw",
    "glpk": "pyglpk",
    "gmsh": ("python-gmsh", "gmsh"),
    "graphviz": "python-graphviz",
    "h3": "h3-py",
    "halide": "halide-python",
    "htcondor": "python-htcondor",
    "hunspell": "pyhunspell",
    "igraph": "python-igraph",
    "jq": "jq.py",
    "julia": "pyjulia",
    "krb5": "pykrb5",
    "kubernetes": "python-kubernetes",
    "leveldb": "python-leveldb",
    "libsvm": "libsvm-python",
    "lmdb": "python-lmdb",
    "meilisearch": "meilisearch-python",
    "mujoco": "mujoco-python",
    "nco": "pynco",
    "ninja": "ninja-python",
    "ollama": "ollama-python",
    "openexr": "openexr-python",
    "openvino": "libopenvino-python",
    "oras": "oras-py",
    "pdal": "python-pdal",
    "pgvector": "pgvector-python",
    "playwright": "playwright-python",
    "plumed": "py-plumed",
    "pocketsphinx": "pocketsphinx-python",
    "podman": "podman-py",
    "quantlib": "quantlib-python",
    "s2geometry": "s2geometry-python",
    "sox": "pysox",
    "soxr": "soxr-python",
    "stim": "quantumlib-stim",
    "symengine": "python-symengine",
    "taplo": "python-taplo",
    "tbb": "tbb4py",
    "tiledb": "tiledb-py",
    "tinyobjloader": "tinyobjloader-python",
    "triangle": "py-triangle",
    "typst": "typst-py",
    "tzdata": "python-tzdata",
    "unicorn": "python-unicorn",
    "uv": "python-uv",
    "verilator": "verilator-python",
    "vtk": "vtk-base",
    "wasmer": "python-wasmer",
    "wget": "python-wget",
    "xeus-python": "xeus-python-static",
    "xxhash": "python-xxhash",
    "zlib-ng": "python-zlib-ng",
    "zstd": "python-zstd",
    # other names
    "annoy": "python-annoy",
    "antlr4-python3-runtime": "antlr-python-runtime 4.*",
    "apache-superset": "superset",
    "avro-python3": "python-avro",
    "build": "python-build",
    "chromedriver-binary": "python-chromedriver-binary",
    "confluent-kafka": "python-confluent-kafka",
    "cx-oracle": "cx_oracle",
    "darts": "u8darts",
    "duckdb": ("python-duckdb", "duckdb"),
    "en-core-web-lg": "spacy-model-en_core_web_lg",
    "en-core-web-md": "spacy-model-en_core_web_md",
    "en-core-web-sm": "spacy-model-en_core_web_sm",
    "fastjsonschema": "python-fastjsonschema",
    "gnupg": "gnupg-py",
    "ibis-framework": ("ibis-framework-core", "ibis-framework"),
    "ipopt": "cyipopt",
    "kaleido": "python-kaleido",
    "libigl": "igl",
    "line-profiler": "line_profiler",
    "memory-profiler": "memory_profiler",
    "mss": "python-mss",
    "msgpack": "msgpack-python",
    "nidaqmx": "nidaqmx-python",
    "ortools": "ortools-python",
    "pvlib": ("pvlib", "pvlib-python"),
    "ray": "ray-core",
    "redis": "redis-py",
    "ruamel-yaml": "ruamel.yaml",
    "ruamel-yaml-clib": "ruamel.yaml.clib",
    "scitools-iris": "iris",
    "sentencepiece": ("sentencepiece-python", "sentencepiece"),
    "spyder": ("spyder", "spyder-base"),
    "tables": "pytables",
    "typing-extensions": "typing_extensions",
    "xgboost": ("py-xgboost", "xgboost"),
    "zxing-cpp": ("zxing-cpp-python", "zxing-cpp"),
    # conda splits off a part with fewer dependencies, which is what pip's requirement means
    "dask": ("dask-core", "dask"),
    "fastapi": ("fastapi-core", "fastapi"),
    "matplotlib": ("matplotlib-base", "matplotlib"),
    "nbconvert": ("nbconvert-core", "nbconvert"),
    "pymc": ("pymc-base", "pymc"),
    "pytensor": "pytensor-base",
    "seaborn": ("seaborn-base", "seaborn"),
    # here the wheel holds everything, so the whole comes first and its part ships the dist
    "cupy": ("cupy", "cupy-core"),
    "pyarrow": ("pyarrow", "pyarrow-core"),
    "tensorflow": ("tensorflow", "tensorflow-base"),
    # frameworks
    "torch": "pytorch",
    "torch-cluster": "pytorch_cluster",
    "torch-geometric": ("pytorch_geometric", "torch-geometric"),
    "torch-scatter": ("pytorch_scatter", "torch-scatter"),
    "torch-sparse": "pytorch_sparse",
    "torch-spline-conv": "pytorch_spline_conv",
    "onnxruntime-gpu": "onnxruntime",
    "jax-cuda12-pjrt": "jaxlib",
    "jax-cuda12-plugin": "jaxlib",
    # py-opencv carries the dist-infos of these two, not those of the contrib wheels
    "opencv-python": ("py-opencv", "libopencv"),
    "opencv-python-headless": ("py-opencv", "opencv-python-headless"),
    # the version is in the PyPI name
    "psycopg": "psycopg 3.*",
    "pyqt5": "pyqt 5.*",
    "shiboken2": "pyside2",
    "shiboken6": "pyside6",
}

# Projects that keep their name on conda and have one of the above in the same package.
_SAME_NAME = """
cyipopt docker-py igl jaxlib onnxruntime podman-py pyside2 pyside6 python-igraph u8darts
"""

# Conda names that ship no dist of their own name, whatever PyPI has under it.
_NO_DIST = """
autoconf automake bash bat binutils blas blis blosc boost box2d brotli bullet bzip2 c-ares cairo
cdo clang cmake compilers coreutils cppzmq cuda cudnn curl docker doxygen eccodes eigen embree
exiv2 expat ffmpeg fftw flann flatbuffers flex fmt fontconfig freetype gcc gdb geos gettext gflags
gh ghostscript giflib git glew glfw glib glog glpk gmp gnupg gnuplot gnutls go graphite2 graphviz
groovy gsl gstreamer h3 halide harfbuzz hdf5 htop hunspell icu igraph imagemagick ipopt jansson
jemalloc jpeg jq json-c julia juliaup just krb5 kubernetes lame leveldb libarchive libcurl libffi
libgit2 libiconv libmagic libpng libpq libsodium libsvm libtiff libusb libuv libxml2 libxslt
libzip lld lldb llvm lmdb lua luajit lz4-c lzo magic make meilisearch metis micromamba mkl mpfr
mpich mpv mujoco mumps mysql nasm nccl nco ncurses ninja nim nodejs octave ollama openblas opencv
openexr openjdk openjpeg openldap openmpi openssl openvino oras orc pandoc parallel patch patchelf
pcre pcre2 pdal perl petsc pgvector pigz pixi pixman pkg-config playwright plumed pocketsphinx
podman poppler postgresql proj psi4 py-spy qhull qpdf qt quantlib r rapidjson rclone re2 readline
redis-server ripgrep ruby rust s2geometry scotch sdl2 sed slepc snappy sox soxr spdlog sqlite stim
suitesparse swig symengine sundials tar taplo tbb tesseract texlive-core tiledb tinyobjloader tk
tmux tree triangle typst tzdata udunits2 unicorn unixodbc unzip uv verilator vim vtk wasmer wget
which winpty x264 x265 xerces-c xxhash xz yaml yaml-cpp yarn yarp yasm zeromq zip zlib zlib-ng zsh
zstd
backports bs4 cudatoolkit faiss-cpu faiss-gpu pytorch-cpu pytorch-gpu
sphinx-rtd-theme tensorflow-cpu tensorflow-gpu typing-extensions
"""

# Packages that ship copies of other projects beside their own: never the way to get one of those.
_VENDORS = """
ambertools ansible arm_pyart asapdiscovery batman boto3-stubs boto3-stubs-lite cppcheck finesse gym
google-cloud-bigquery-storage-core happybase inkscape isce2 jupyter-sphinx jupyter_kernel_test
jupyter_scheduler mitmproxy mypy mysql-connector-python nsight-compute privy pyautogui
pyexcel-ods3 pymapd pypy3.9 pyscss pysr qgis rb-pygments.rb rosco solaris
stackvana-lsst_distrib unidist vscode-python xcube
"""

# PyPI projects that conda has under no name: stubs, and wheels that only carry libraries.
_ABSENT = (
    "pytorch",
    "sklearn",
    "pyqt5-qt5",
    "pyqt6-qt6",
    "pyqtwebengine-qt5",
    "pyside6-addons",
    "pyside6-essentials",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
    "psycopg-binary",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tensorflow-intel",
    "tensorflow-macos",
    "nvidia-*-cu1?",
    "cupy-cuda1?x",
    "*-cu11",
    "*-cu12",
    "*-cu13",
)

# Projects whose members are built against one another, or that install into one folder.
_FAMILIES: dict[str, tuple[str, ...]] = {
    "torch": (
        "torch",
        "torchaudio",
        "torchao",
        "torchcodec",
        "torchdata",
        "torchtext",
        "torchvision",
        "torch-cluster",
        "torch-scatter",
        "torch-sparse",
        "torch-spline-conv",
        "pyg-lib",
        "flash-attn",
        "xformers",
        "triton",
        "pytorch-triton*",
    ),
    "jax": ("jax", "jaxlib", "jax-cuda*", "jax-rocm*", "jax-metal"),
    "tensorflow": (
        "tensorflow",
        "tensorflow-cpu",
        "tensorflow-gpu",
        "tensorflow-intel",
        "tensorflow-io",
        "tensorflow-io-gcs-filesystem",
        "tensorflow-macos",
        "tensorflow-metal",
        "tensorflow-text",
        "tf-nightly",
    ),
    "opencv": ("opencv-*",),
    "onnxruntime": ("onnxruntime", "onnxruntime-*"),
    "cupy": ("cupy", "cupy-cuda*", "cupy-rocm*"),
    "pyqt5": ("pyqt5", "pyqt5-*", "pyqtchart*", "pyqtwebengine*"),
    "pyqt6": ("pyqt6", "pyqt6-*"),
    "pyside2": ("pyside2", "shiboken2"),
    "pyside6": ("pyside6", "pyside6-*", "shiboken6"),
    "psycopg": ("psycopg", "psycopg-binary", "psycopg-c"),
}


def _proposals(names: str | tuple[str, ...]) -> tuple[Proposal, ...]:
    listed = (names,) if isinstance(names, str) else names
    parts = (name.partition(" ") for name in listed)
    return tuple(Proposal(CondaName(name), "seed", version) for name, _, version in parts)


SEED = Seed(
    renames={
        PyPIName(name): _proposals(to)
        for name, to in {**_RENAMES, **{name: name for name in _SAME_NAME.split()}}.items()
    },
    no_dist=frozenset(CondaName(name) for name in _NO_DIST.split()),
    vendors=frozenset(CondaName(name) for name in _VENDORS.split()),
    absent=_ABSENT,
    families=tuple(Family(name, patterns) for name, patterns in _FAMILIES.items()),
)
"""All of the above in the form that `names.py` asks."""
