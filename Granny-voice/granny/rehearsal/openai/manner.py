"""How the stand-in behaves towards everybody, when it is not told to fail."""

from dataclasses import dataclass, field

from granny.rehearsal.openai.voice import Recording, recorded_greeting


@dataclass(frozen=True, slots=True)
class Manner:
    """What is the same for all connections of a stand-in.

    Attributes:
        greeting: Said whenever there is nothing to repeat.
        reads_out: Whether it says what it is told to say exactly, out of band; the model does not always.
        heard: The transcript of the caller's turn; `{seconds}` is its length. It does not pretend to have
            understood.
        semantic_silence_ms: How long a silence ends a turn under `semantic_vad`; OpenAI waits up to 8 s.
        eager_silence_ms: The same with `eagerness` at `high`, where OpenAI waits up to 2 s.
        context_tokens: The most that the model reads: a 32k model's context, less 4,096 for the answer.
    """

    greeting: Recording = field(default_factory=recorded_greeting)
    reads_out: bool = True
    heard: str = "(rehearsal: {seconds:.1f} s of your voice)"
    semantic_silence_ms: int = 500
    eager_silence_ms: int = 300
    context_tokens: int = 28_224
