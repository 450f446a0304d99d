"""The six backbones with the HEA connector in plain PyTorch, under the parameter names that src/models gives them.

Letters: B = batch size, H = history length, d = embedding width, F = feature fields, E = experts.
"""

import torch
from torch import nn
from torch.nn import functional


def mlp(widths):
    """Linear, ReLU, and the place of a dropout of rate 0, a layer."""
    layers = []
    for width_in, width_out in zip(widths, widths[1:]):
        layers += [nn.Linear(width_in, width_out), nn.ReLU(), nn.Identity()]
    return nn.ModuleDict({"fc": nn.Sequential(*layers)})


class Hea(nn.Module):
    """Hybrid-expert adaptor: experts of both sides and of each side, mixed by a softmax gate a side."""

    def __init__(self, width, hidden, dim, shared, own):
        super().__init__()
        experts = lambda count: nn.ModuleList(mlp([width, hidden, dim]) for _ in range(count))
        self.share_expt_net = experts(shared)
        self.spcf_expt_net = nn.ModuleList(experts(own) for _ in range(2))
        self.gate_net = nn.ModuleList(nn.Linear(width, shared + own) for _ in range(2))

    def forward(self, vectors):
        sides = []
        for vector, own, gate in zip(vectors, self.spcf_expt_net, self.gate_net):
            weights = functional.softmax(gate(vector), dim=-1)  # [B, E]
            outputs = [expert["fc"](vector) for expert in [*self.share_expt_net, *own]]
            sides.append(torch.einsum("be,bed->bd", weights, torch.stack(outputs, dim=1)))
        return torch.cat(sides, dim=1)  # [B, 2 d]


class Backbone(nn.Module):
    """Tables, connector and what every backbone reads."""

    def __init__(self, shape):
        super().__init__()
        self.dim = dim = shape["embeddingDim"]
        table = lambda values: nn.Embedding(values + 1, dim)
        self.item_embedding = table(shape["items"])
        self.attr_embedding = table(shape["attributeValues"])
        self.rating_embedding = table(shape["ratings"])
        connector = Hea(shape["vectorDim"], 128, dim, shared=2, own=6)
        self.convert_module = nn.ModuleDict({"sub_module": connector})
        self.target_width = 2 * dim
        self.event_width = 3 * dim
        self.fields = 7
        self.features_width = self.fields * dim

    def embed(self, batch):
        """Target [B, 2 d], events [B, H, 3 d] and knowledge [B, 2 d]."""
        target = torch.cat(
            [self.item_embedding(batch["items"]), self.attr_embedding(batch["attributes"])], dim=-1
        )
        events = torch.cat(
            [
                self.item_embedding(batch["historyItems"]),
                self.attr_embedding(batch["historyAttributes"]),
                self.rating_embedding(batch["historyRatings"]),
            ],
            dim=-1,
        )
        vectors = [batch["userVectors"], batch["itemVectors"]]
        return target, events, self.convert_module["sub_module"](vectors)

    def forward(self, batch):
        target, events, knowledge = self.embed(batch)
        lengths = batch["historyLengths"]
        places = torch.arange(events.shape[1])
        mask = (places < lengths[:, None]).to(events.dtype).unsqueeze(-1)  # [B, H, 1]
        mean = lambda x: (x * mask).sum(1) / lengths.clamp(min=1)[:, None]
        return self.logit(target, events, knowledge, mask, mean).reshape(-1)


class FeatureBackbone(Backbone):
    """A backbone that reads the mean of the history."""

    def logit(self, target, events, knowledge, mask, mean):
        return self.logit_of(torch.cat([target, mean(events), knowledge], dim=1), knowledge)


class Dcn(FeatureBackbone):
    def __init__(self, shape):
        super().__init__(shape)
        width = self.features_width
        vectors = lambda: nn.ParameterList(nn.Parameter(torch.empty(width, 1)) for _ in range(3))
        self.cross_net = nn.ModuleDict({"kernels": vectors(), "bias": vectors()})
        self.deep_net = mlp([width, 200, 80])
        self.final_mlp = mlp([80 + width, 200, 80])
        self.final_fc = nn.Linear(80, 1)

    def logit_of(self, x0, knowledge):
        x = x0
        for kernel, bias in zip(self.cross_net["kernels"], self.cross_net["bias"]):
            x = x0 * (x @ kernel) + bias.squeeze(1) + x
        joined = torch.cat([self.deep_net["fc"](x0), x], dim=1)
        return self.final_fc(self.final_mlp["fc"](joined))


class DeepFm(FeatureBackbone):
    def __init__(self, shape):
        super().__init__(shape)
        self.fm_first_iid_emb = nn.Embedding(shape["items"] + 1, 1)
        self.fm_first_aid_emb = nn.Embedding(shape["attributeValues"] + 1, 1)
        self.fm_first_dense_weight = nn.Parameter(torch.empty(2 * self.dim, 1))
        self.deep_part = mlp([self.features_width, 200, 80])
        self.dnn_fc_out = nn.Linear(80, 1)

    def forward(self, batch):
        first = self.fm_first_iid_emb(batch["items"]) + self.fm_first_aid_emb(batch["attributes"])
        return super().forward(batch) + first.reshape(-1)

    def logit_of(self, x0, knowledge):
        fields = x0[:, : 5 * self.dim].reshape(len(x0), 5, self.dim)
        pairs = (fields.sum(1).square() - fields.square().sum(1)).sum(1, keepdim=True) / 2
        deep = self.dnn_fc_out(self.deep_part["fc"](x0))
        return knowledge @ self.fm_first_dense_weight + pairs + deep


class Interacting(nn.Module):
    """An interacting layer of AutoInt."""

    def __init__(self, width_in, width, project_residual):
        super().__init__()
        project = lambda: nn.Linear(width_in, width, bias=False)
        self.W_q, self.W_k, self.W_v = project(), project(), project()
        self.W_res = project() if project_residual else nn.Identity()

    def forward(self, x):
        query, key, value = self.W_q(x), self.W_k(x), self.W_v(x)
        scores = query @ key.transpose(1, 2) / query.shape[-1] ** 0.5
        return functional.relu(functional.softmax(scores, dim=-1) @ value + self.W_res(x))


class AutoInt(FeatureBackbone):
    def __init__(self, shape):
        super().__init__(shape)
        self.self_attention = nn.Sequential(
            *(Interacting(64 if layer else self.dim, 64, layer == 0) for layer in range(3))
        )
        self.attn_out = nn.Linear(self.fields * 64, 1)

    def logit_of(self, x0, knowledge):
        fields = x0.reshape(len(x0), self.fields, self.dim)
        return self.attn_out(self.self_attention(fields).flatten(1))


class FieldGraph(nn.Module):
    """Graph layer of FiGNN: a matrix a field, on its way out and in."""

    def __init__(self, fields, dim):
        super().__init__()
        self.W_in = nn.Parameter(torch.empty(fields, dim, dim))
        self.W_out = nn.Parameter(torch.empty(fields, dim, dim))
        self.bias_p = nn.Parameter(torch.empty(dim))

    def forward(self, graph, states):
        out = torch.einsum("fij,bfj->bfi", self.W_out, states)
        return torch.einsum("fij,bfj->bfi", self.W_in, graph @ out) + self.bias_p


class FiGnn(FeatureBackbone):
    def __init__(self, shape):
        super().__init__(shape)
        dim, fields = self.dim, self.fields
        self.fignn = nn.ModuleDict(
            {
                "gnn": FieldGraph(fields, dim),
                "gru": nn.GRUCell(dim, dim),
                "W_attn": nn.Linear(2 * dim, 1, bias=False),
            }
        )
        linear2 = nn.Sequential(nn.Linear(fields * dim, fields, bias=False), nn.Sigmoid())
        self.fc = nn.ModuleDict({"linear1": nn.Linear(dim, 1, bias=False), "linear2": linear2})

    def logit_of(self, x0, knowledge):
        dim, fields = self.dim, self.fields
        x = x0.reshape(-1, fields, dim)
        source, sink = self.fignn["W_attn"].weight.split(dim, dim=1)  # w [f_i; f_j] = w1 f_i + w2 f_j
        scores = functional.leaky_relu(x @ source.t() + (x @ sink.t()).transpose(1, 2), 0.01)
        itself = torch.eye(fields, dtype=torch.bool)
        graph = functional.softmax(scores.masked_fill(itself, float("-inf")), dim=-1)
        states = x
        for _ in range(2):
            seen = self.fignn["gnn"](graph, states)
            states = self.fignn["gru"](seen.reshape(-1, dim), states.reshape(-1, dim))
            states = states.reshape(x.shape) + x
        weights = self.fc["linear2"](states.flatten(1))
        return (weights * self.fc["linear1"](states).squeeze(2)).sum(1)


class Gru4Rec(Backbone):
    def __init__(self, shape):
        super().__init__(shape)
        self.intra_item_attn = nn.MultiheadAttention(self.target_width, 4, batch_first=True)
        self.intra_hist_gru = nn.GRU(self.event_width, 64, batch_first=True)
        self.final_mlp = mlp([self.event_width + 64 + 2 * self.target_width + 2 * self.dim, 200, 80])
        self.final_fc = nn.Linear(80, 1)

    def logit(self, target, events, knowledge, mask, mean):
        states, _ = self.intra_hist_gru(events)
        token = target.unsqueeze(1)
        attended, _ = self.intra_item_attn(token, token, token, need_weights=False)
        parts = [mean(events), mean(states), target, attended.squeeze(1), knowledge]
        return self.final_fc(self.final_mlp["fc"](torch.cat(parts, dim=1)))


class Dice(nn.Module):
    """x where a normalised x is large, alpha x where it is small; statistics over the batch, running ones to score."""

    def __init__(self, width):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(1))
        self.norm = nn.BatchNorm1d(width, eps=1e-8, affine=False)

    def forward(self, x):
        share = torch.sigmoid(self.norm(x.flatten(0, -2)).reshape(x.shape))
        return x * (share + self.alpha * (1 - share))


class Augru(nn.GRU):
    """A GRU, under nn.GRU's weights, whose update gate is scaled by an attention; returns its last state."""

    def forward(self, x, attention):
        inputs = functional.linear(x, self.weight_ih_l0, self.bias_ih_l0).unbind(1)
        state = x.new_zeros(len(x), self.hidden_size)
        for step, strength in zip(inputs, attention.unbind(1)):
            memory = functional.linear(state, self.weight_hh_l0, self.bias_hh_l0)
            reset_in, update_in, new_in = step.chunk(3, dim=1)
            reset_memory, update_memory, new_memory = memory.chunk(3, dim=1)
            update = strength * (1 - torch.sigmoid(update_in + update_memory))
            new = torch.tanh(new_in + torch.sigmoid(reset_in + reset_memory) * new_memory)
            state = torch.lerp(state, new, update)
        return state


class Dien(Backbone):
    def __init__(self, shape):
        super().__init__(shape)
        width = self.target_width
        self.interest_extractor = nn.ModuleDict(
            {"gru": nn.GRU(self.event_width, width, batch_first=True)}
        )
        score = nn.Sequential(
            nn.Linear(4 * width, 32), Dice(32), nn.Identity(),
            nn.Linear(32, 16), Dice(16), nn.Identity(),
            nn.Linear(16, 1),
        )  # fmt: skip
        self.interest_evolution = nn.ModuleDict(
            {
                "interest_evolution": Augru(width, width, batch_first=True),
                "attention": nn.ModuleDict({"fc": score}),
            }
        )
        self.final_mlp = mlp([2 * width + 2 * self.dim, 200, 80])
        self.final_fc = nn.Linear(80, 1)

    def logit(self, target, events, knowledge, mask, mean):
        keys, _ = self.interest_extractor["gru"](events)
        query = target.unsqueeze(1).expand_as(keys)
        pairs = torch.cat([query, keys, query - keys, query * keys], dim=-1)
        evolution = self.interest_evolution
        scores = evolution["attention"]["fc"](pairs).masked_fill(mask == 0, float("-inf"))
        interest = evolution["interest_evolution"](keys, functional.softmax(scores, dim=1))
        parts = [interest, target, knowledge]
        return self.final_fc(self.final_mlp["fc"](torch.cat(parts, dim=1)))


BACKBONES = {
    "autoint": AutoInt,
    "dcn": Dcn,
    "deepfm": DeepFm,
    "dien": Dien,
    "fignn": FiGnn,
    "gru4rec": Gru4Rec,
}
