"""Through which of the eight symmetries of a square each member sees the world."""

from typing import Literal, get_args

from halocline.chain.forecast.noise import draw_numbers
from halocline.chain.forecast.stepper import StepContext
from halocline.data.fields.symmetries import Symmetry
from halocline.runtime import keyed
from halocline.runtime.errors import require_choice

Views = Literal["one", "member", "step"]


def views_named(name: str) -> Views:
    """Return the name as it is.

    Raises:
        ConfigError: If there are no such views.
    """
    require_choice("views", name, get_args(Views))
    return name  # type: ignore[return-value]


def step_views(context: StepContext, views: Views) -> list[Symmetry]:
    """Return the symmetry in which each member takes a step.

    A network that was trained on patches in all eight symmetries has eight answers to one question, as good as each
    other in the mean, and what they differ by is its own error. Members that see the world differently therefore
    spread by that error, and it leaves their mean. A view is drawn as noise is: by (seed, store member, member), for
    the whole forecast (``member``) or anew for each hour too (``step``), with equal probability; a member is
    therefore drawn from the mixture of the eight. Paired members have views that differ in all three of transpose and
    reversals.

    Source: Krizhevsky et al. 2012, NeurIPS (averaging predictions over mirrored inputs); as members of an ensemble it
    is ours.

    Args:
        context: Seed, store member, hour, members, and whether they are paired.
        views: ``one`` for the grid as it is, ``member``, or ``step``.

    Returns:
        One for each of the context's members.
    """
    if views == "one":
        return [Symmetry()] * len(context.members)
    when = (context.hour,) if views == "step" else ()
    found = []
    for member, number in zip(context.members, draw_numbers(context.members, paired=context.paired), strict=True):
        symmetry = Symmetry.draw(keyed.generator(context.seed, "views", context.store_member, *when, number))
        found.append(symmetry.opposite if context.paired and member % 2 else symmetry)
    return found
