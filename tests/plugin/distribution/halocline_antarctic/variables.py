"""Two surface variables, one of the ice and one of the weather, and one on the levels of the ocean."""

from halocline.data.fields.variables import Variable

PLATELETS = Variable(
    name="sipl",
    standard_name="sub_ice_platelet_layer_thickness",
    long_name="thickness of the platelet layer under the ice",
    unit="m",
    plausible=(0.0, 20.0),
    lower=0.0,
    group="seaice",
    zero_without_ice=True,
)
SNOWFALL = Variable(
    name="prsn",
    standard_name="snowfall_flux",
    long_name="snowfall",
    unit="kg m-2 s-1",
    plausible=(0.0, 0.01),
    lower=0.0,
    group="forcing",
)
IRON = Variable(
    name="dfe",
    standard_name="mole_concentration_of_dissolved_iron_in_sea_water",
    long_name="dissolved iron",
    unit="umol m-3",
    plausible=(0.0, 50.0),
    lower=0.0,
    group="ocean",
    levelled=True,
)
