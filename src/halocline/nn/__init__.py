"""Networks: layers, U-Net, autoencoder. Knows no diffusion and no ocean."""
