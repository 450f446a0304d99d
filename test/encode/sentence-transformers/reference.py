"""Writes folders of sentence-transformers with a tiny random BERT, and the vectors that sentence-transformers gives of them.

Run where sentence-transformers 6.2 and torch are: python reference.py [FOLDER_OF_ALL_MINILM_L6_V2]
"""

import base64
import json
import sys
import tempfile
from pathlib import Path

import sentence_transformers
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules.dense import Dense
from sentence_transformers.base.modules.normalize import Normalize
from sentence_transformers.base.modules.transformer import Transformer
from sentence_transformers.sentence_transformer.modules.layer_norm import LayerNorm
from sentence_transformers.sentence_transformer.modules.pooling import Pooling
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

here = Path(__file__).parent
size = 16
texts = [
    "The viewer enjoys quiet drama",
    "Film",
    "loud horror films and slow comedy , a drama of the quiet film",
]
real_texts = [
    "The viewer enjoys quiet character-driven dramas from the late seventies.",
    "Café Müller — 東京 2049!",
    "Film",
    "A long list: " + "war, sea, comedy, horror, romance; " * 12,
]


def tokenizer(cased: bool) -> PreTrainedTokenizerFast:
    words = "the viewer enjoys quiet drama film ##s loud horror and slow comedy a of query : , The Film".split()
    vocabulary = {word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=not cased)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=48,
    )


def write_bert(folder: Path, cased: bool) -> None:
    torch.manual_seed(5)
    tokens = tokenizer(cased)
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=size,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=48,
        initializer_range=0.4,
    )
    BertModel(config, add_pooling_layer=False).eval().save_pretrained(folder)
    tokens.save_pretrained(folder)


def seeded(module: torch.nn.Module) -> torch.nn.Module:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.5)
    return module


def dense(outputs: int, inputs: int = size, **options) -> torch.nn.Module:
    return seeded(Dense(inputs, outputs, **options))


def pooling(mode="mean", **options) -> Pooling:
    return Pooling(size, pooling_mode=mode, **options)


torch.manual_seed(9)
cases = {
    "cls": dict(modules=[pooling("cls")]),
    "max": dict(modules=[pooling("max"), Normalize()]),
    "mean": dict(modules=[pooling(), Normalize()]),
    "sqrt": dict(modules=[pooling("mean_sqrt_len_tokens")]),
    "weighted": dict(modules=[pooling("weightedmean"), Normalize()]),
    "last": dict(modules=[pooling("lasttoken"), Normalize()]),
    "two": dict(modules=[pooling(("mean", "cls")), Normalize()]),
    "dense": dict(modules=[pooling(), dense(6), Normalize()]),
    "identity": dict(modules=[pooling("cls"), dense(20, bias=False, activation_function=torch.nn.Identity())]),
    "residual": dict(
        modules=[
            pooling(("cls", "max")),
            dense(9, inputs=2 * size, activation_function=torch.nn.ReLU(), use_residual=True),
            dense(9, inputs=9, activation_function=torch.nn.SiLU(), use_residual=True),
            dense(5, inputs=9, activation_function=torch.nn.Sigmoid()),
        ]
    ),
    "norms": dict(modules=[pooling(), Normalize(), seeded(LayerNorm(size)), dense(7)]),
    "prompt": dict(
        modules=[pooling(), Normalize()],
        prompts={"query": "query : ", "passage": "a "},
        default_prompt_name="query",
    ),
    "unpooled": dict(
        modules=[pooling(("cls", "weightedmean", "mean"), include_prompt=False), Normalize()],
        prompts={"query": "query : "},
        default_prompt_name="query",
    ),
    "lower": dict(modules=[pooling(), Normalize()], tokenizer="cased", lower=True),
    "cased": dict(modules=[pooling(), Normalize()], tokenizer="cased"),
}



def files_of(folder: Path, *left_out: str) -> dict[str, str]:
    """Every file by its path, base64."""
    return {
        path.relative_to(folder).as_posix(): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in left_out
    }


versions = {"sentence_transformers": sentence_transformers.__version__, "torch": torch.__version__}
with tempfile.TemporaryDirectory() as scratch:
    berts = {"uncased": Path(scratch) / "uncased", "cased": Path(scratch) / "cased"}
    for kind, bert in berts.items():
        write_bert(bert, cased=kind == "cased")
    written = {}
    for name, case in cases.items():
        bert = berts[case.get("tokenizer", "uncased")]
        made = SentenceTransformer(
            modules=[Transformer(str(bert)), *case["modules"]],
            prompts=case.get("prompts"),
            default_prompt_name=case.get("default_prompt_name"),
            device="cpu",
        )
        folder = Path(scratch) / name
        made.save(str(folder), create_model_card=False)
        if case.get("lower"):
            config = folder / "sentence_bert_config.json"
            config.write_text(json.dumps({**json.loads(config.read_text()), "do_lower_case": True}))
        loaded = SentenceTransformer(str(folder), device="cpu")
        written[name] = {
            "tokenizer": case.get("tokenizer", "uncased"),
            # Those of the transformer are the same everywhere.
            "files": {
                path: content
                for path, content in files_of(folder, "tokenizer.json", "config.json").items()
                if path != "model.safetensors"
            }
            | {path: content for path, content in files_of(folder).items() if path.endswith("/config.json")},
            "vectors": [[round(float(x), 7) for x in row] for row in loaded.encode(texts)],
        }
    content = {
        "versions": versions,
        "texts": texts,
        "transformer": files_of(berts["uncased"], "tokenizer.json"),
        "tokenizers": {kind: files_of(bert)["tokenizer.json"] for kind, bert in berts.items()},
        "cases": written,
    }
(here / "reference.json").write_text(json.dumps(content) + "\n")

if len(sys.argv) > 1:
    real = {}
    for mode in ("mean", "cls"):
        model = SentenceTransformer(sys.argv[1], device="cpu")
        model[1].pooling_mode = mode
        real[mode] = [[round(float(x), 6) for x in row] for row in model.encode(real_texts)]
    content = {"versions": versions, "model": "all-MiniLM-L6-v2", "texts": real_texts, "vectors": real}
    (here / "minilm.json").write_text(json.dumps(content) + "\n")
