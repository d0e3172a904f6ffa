declare const AVOW_VERSION: string;
