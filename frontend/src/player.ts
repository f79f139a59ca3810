import { mountPlayers } from "./player_mount";

mountPlayers();
