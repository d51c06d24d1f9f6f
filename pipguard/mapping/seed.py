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

# Projects of PyPI that many install, and that keep their name on conda. Behind a company's mirror a
# name that nobody knows may be private, and this is all that is known until a table comes.
_PUBLIC = """
absl-py accelerate aiobotocore aiofiles aiohttp aiosignal aiosqlite alabaster alembic altair amqp
aniso8601 annotated-types ansible-core anyio appdirs argcomplete argon2-cffi arrow asgiref
asn1crypto astroid astropy asttokens async-timeout asyncpg attrs autograd automat awscli azure-core
azure-identity azure-storage-blob babel backoff bcrypt beautifulsoup4 billiard black bleach blinker
bokeh boto3 botocore bottle bottleneck cachecontrol cachetools cattrs celery certifi cffi cfgv
chardet charset-normalizer cheroot click click-plugins cloudpickle colorama coloredlogs comm
configargparse contourpy coverage cryptography cssselect cvxpy cycler cython cytoolz dash
dataclasses-json datasets debugpy decorator deepdiff defusedxml dill distlib distributed django
django-filter djangorestframework dm-tree dnspython docstring-parser docutils ecdsa einops
email-validator entrypoints et-xmlfile evaluate exceptiongroup execnet executing faker fastavro
fasteners feedparser filelock fiona flake8 flask flask-cors flask-login flask-sqlalchemy flit-core
fonttools frozenlist fsspec future gast gdown gensim geopandas gevent gitdb gitpython
google-api-core google-auth google-cloud-bigquery google-cloud-core google-cloud-storage
googleapis-common-protos graphql-core greenlet grpcio grpcio-tools gunicorn h11 h2 h5netcdf h5py
hatchling holoviews hpack html5lib httpcore httplib2 httptools httpx huggingface-hub humanfriendly
hyperframe hyperlink hypothesis identify idna imageio importlib-metadata importlib-resources
iniconfig invoke ipykernel ipython ipywidgets isodate isort itsdangerous jaraco-classes jedi jinja2
jmespath joblib json5 jsonpatch jsonpath-ng jsonpointer jsonschema jsonschema-specifications
jupyter-client jupyter-core jupyter-events jupyter-lsp jupyter-server jupyterlab jupyterlab-pygments
jupyterlab-server keras keyring kiwisolver kombu lightgbm lightning llvmlite locket lockfile loguru
lxml lz4 mako markdown markdown-it-py markupsafe marshmallow matplotlib-inline mccabe mdurl mistune
mkdocs ml-dtypes mlflow mock more-itertools moto mpmath msal multidict multiprocess munch mypy
mypy-extensions mysqlclient narwhals natsort nbclient nbformat nest-asyncio netaddr netcdf4 networkx
nibabel nltk nodeenv nose notebook numba numexpr numpy oauthlib omegaconf onnx openai openpyxl
opentelemetry-api opentelemetry-sdk opt-einsum optuna orjson overrides packaging pandas
pandocfilters panel param paramiko parso partd pathspec patsy peewee pendulum pexpect pillow pip
platformdirs plotly pluggy ply polars pooch portalocker pre-commit prettytable prometheus-client
prompt-toolkit propcache proto-plus protobuf psutil psycopg2 ptyprocess pure-eval pyasn1
pyasn1-modules pycodestyle pycparser pycryptodome pydantic pydantic-core pydantic-settings
pydocstyle pydot pyflakes pygments pyjwt pylint pymongo pymysql pynacl pyodbc pyopenssl pyparsing
pyproj pyproject-hooks pyserial pysocks pytest pytest-asyncio pytest-cov pytest-mock pytest-xdist
python-dateutil python-dotenv python-json-logger python-multipart python-slugify pytz pyviz-comms
pywavelets pyyaml pyzmq rapidfuzz rasterio referencing regex requests requests-oauthlib
requests-toolbelt responses retrying rfc3339-validator rich rpds-py rsa ruff s3fs s3transfer
safetensors scikit-image scikit-learn scipy secretstorage selenium send2trash sentry-sdk setuptools
setuptools-scm shap shapely simplejson six smart-open smmap sniffio snowballstemmer sortedcontainers
soupsieve spacy sphinx sqlalchemy sqlparse stack-data starlette statsmodels streamlit structlog
sympy tabulate tblib tenacity tensorboard termcolor terminado textual thinc threadpoolctl tifffile
tiktoken tinycss2 tokenizers toml tomli tomlkit toolz tornado tox tqdm traitlets transformers trio
trove-classifiers typeguard typer types-requests typing-inspect tzlocal ujson umap-learn
uncertainties uritemplate urllib3 uvicorn uvloop virtualenv wandb watchdog watchfiles wcwidth
webencodings websocket-client websockets werkzeug wheel widgetsnbextension wrapt xarray xlrd
xlsxwriter xmltodict yarl zarr zict zipp zope-event zope-interface
"""

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
    public=frozenset(PyPIName(name) for name in _PUBLIC.split()),
)
"""All of the above in the form that `names.py` asks."""
